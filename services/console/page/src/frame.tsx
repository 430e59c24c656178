import { useQueryClient } from "@tanstack/preact-query";
import type { ComponentChildren } from "preact";
import { useLocation } from "preact-iso";
import { useEffect, useState } from "preact/hooks";
import { call } from "./api/call.ts";
import { count } from "./figures.ts";
import { useNow } from "./live-updates.tsx";
import { Logo } from "./parts/logo.tsx";
import { useSession } from "./session.ts";
import { applyTheme, readTheme, type Theme } from "./theme.ts";

type Place = { readonly path: string; readonly name: string; readonly isApart?: true };

const PLACES: readonly Place[] = [
  { path: "/", name: "Now" },
  { path: "/issues", name: "Issues" },
  { path: "/events", name: "Events" },
  { path: "/records", name: "Records" },
  { path: "/letters", name: "Dead letters" },
  { path: "/replays", name: "Replay" },
  { path: "/reconciles", name: "Reconcile" },
  { path: "/sources", name: "Sources", isApart: true },
  { path: "/destinations", name: "Destinations" },
  { path: "/try", name: "Try", isApart: true },
  { path: "/audit", name: "Audit log" },
];

/** The navigation, and the view beside it. */
export function Frame({ children }: { readonly children: ComponentChildren }) {
  const { path } = useLocation();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  return (
    <>
      <a class="skip" href="#view">
        To the content
      </a>
      <div class="frame">
        <header class="rail" data-open={String(isOpen)}>
          <a class="mark" href="/">
            <Logo />
            Sluice
          </a>
          <button
            type="button"
            class="menu"
            aria-expanded={isOpen}
            aria-controls="places"
            onClick={() => setOpen(!isOpen)}
          >
            Menu
          </button>
          <nav id="places" aria-label="Views">
            <Places path={path} />
          </nav>
          <Foot />
        </header>
        {children}
      </div>
    </>
  );
}

function Places({ path }: { readonly path: string }) {
  const { now } = useNow();
  const tallies: Readonly<Record<string, number>> = {
    "/issues": now?.openIssues ?? 0,
    "/letters": now?.totals.deadLetters ?? 0,
  };
  return (
    <ul>
      {PLACES.map((place) => (
        <li key={place.path} class={place.isApart ? "apart" : undefined}>
          <a href={place.path} aria-current={isIn(path, place.path) ? "page" : undefined}>
            {place.name}
            {(tallies[place.path] ?? 0) > 0 && <span class="tally">{count(tallies[place.path] ?? 0)}</span>}
          </a>
        </li>
      ))}
    </ul>
  );
}

function isIn(path: string, place: string): boolean {
  return place === "/" ? path === "/" : path === place || path.startsWith(`${place}/`);
}

function Foot() {
  const { role, name, version } = useSession();
  const client = useQueryClient();
  const [theme, setTheme] = useState(readTheme);
  const signOut = async () => {
    await call("signOut");
    await client.invalidateQueries({ queryKey: ["getSession"] });
  };
  return (
    <div class="foot">
      <label>
        <span class="unseen">Colours</span>
        <select
          value={theme}
          onChange={(event) => {
            const chosen = event.currentTarget.value as Theme;
            setTheme(chosen);
            applyTheme(chosen);
          }}
        >
          <option value="auto">As the system</option>
          <option value="light">Light</option>
          <option value="dark">Dark</option>
        </select>
      </label>
      <p>
        {name ?? (role === "operate" ? "Operator" : "Reader")}
        {role === "read" && ", sees and changes nothing"}
        <br />
        Sluice {version}
      </p>
      <button type="button" class="plain" onClick={() => void signOut()}>
        Sign out
      </button>
    </div>
  );
}
