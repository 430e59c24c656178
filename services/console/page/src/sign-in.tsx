import { useState } from "preact/hooks";
import { ApiFault, call } from "./api/call.ts";
import { useAnswer } from "./api/questions.ts";
import { Failure } from "./parts/answers.tsx";
import { Logo } from "./parts/logo.tsx";

/** Takes the token out of the address: it shall stand in no history and in no screenshot. */
export function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return token;
}

/** Exchanges a token for a cookie. The page keeps no token. */
export async function exchange(token: string): Promise<ApiFault | null> {
  try {
    await call("signIn", { body: { token } });
    return null;
  } catch (error) {
    if (error instanceof ApiFault) return error;
    throw error;
  }
}

type SignInProps = {
  /** Why the last token was refused, the one in the address too. */
  readonly refusal: ApiFault | null;
  /** Called with the refusal of the token that was typed; null: it was taken. */
  readonly onAnswer: (refusal: ApiFault | null) => void;
};

export function SignIn({ refusal, onAnswer }: SignInProps) {
  const [token, setToken] = useState("");
  const [isAsking, setAsking] = useState(false);
  const ways = useAnswer("getWaysIn", {});
  const provider = ways.data?.provider ?? null;
  const back = encodeURIComponent(location.pathname + location.search);
  const submit = async (event: Event) => {
    event.preventDefault();
    setAsking(true);
    const answer = await exchange(token.trim());
    setAsking(false);
    onAnswer(answer);
  };
  return (
    <main class="sign-in">
      <span class="mark">
        <Logo />
        Sluice
      </span>
      {provider !== null && (
        <p>
          <a class="button main" href={`/sign-in?to=${back}`} target="_top">
            Sign in with {provider}
          </a>
        </p>
      )}
      <h1>{provider === null ? "Sign in with the operators’ token" : "Or with a token"}</h1>
      <form onSubmit={(event) => void submit(event)}>
        <label>
          <span class="label">Token</span>
          <input
            type="password"
            name="token"
            autocomplete="current-password"
            spellcheck={false}
            required
            autofocus
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        {refusal !== null && <Failure fault={refusal} />}
        <div>
          <button class="main" disabled={isAsking || token.trim() === ""}>
            {isAsking ? "Asking …" : "Sign in"}
          </button>
        </div>
      </form>
      <p class="soft">
        <code>npm start</code> prints an address that signs in by itself. A fleet’s token is what{" "}
        <code>SLUICE_ADMIN_TOKEN</code> says. It stays good for twelve hours here; nothing of it is kept in the browser.
      </p>
    </main>
  );
}
