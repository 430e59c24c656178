import { QueryClientProvider } from "@tanstack/preact-query";
import { LocationProvider, Route, Router } from "preact-iso";
import { useEffect, useState } from "preact/hooks";
import type { ApiFault } from "./api/call.ts";
import { createQueryClient, useAnswer } from "./api/questions.ts";
import { AuditView } from "./audit/audit-view.tsx";
import { DestinationView } from "./destinations/destination-view.tsx";
import { DestinationsView } from "./destinations/destinations-view.tsx";
import { EventView } from "./events/event-view.tsx";
import { EventsView } from "./events/events-view.tsx";
import { Frame } from "./frame.tsx";
import { IssuesView } from "./issues/issues-view.tsx";
import { CauseView } from "./dead-letters/cause-view.tsx";
import { DeadLetterView } from "./dead-letters/dead-letter-view.tsx";
import { DeadLettersView } from "./dead-letters/dead-letters-view.tsx";
import { LiveUpdates } from "./live-updates.tsx";
import { NowView } from "./now/now-view.tsx";
import { ClockProvider } from "./parts/clock.tsx";
import { Failure, Waiting } from "./parts/answers.tsx";
import { View } from "./parts/view.tsx";
import { RecordView } from "./records/record-view.tsx";
import { RecordsView } from "./records/records-view.tsx";
import { ReconcileView } from "./reconciles/reconcile-view.tsx";
import { ReconcilesView } from "./reconciles/reconciles-view.tsx";
import { ReplayView } from "./replays/replay-view.tsx";
import { ReplaysView } from "./replays/replays-view.tsx";
import { SessionContext } from "./session.ts";
import { exchange, SignIn, takeToken } from "./sign-in.tsx";
import { SourceView } from "./sources/source-view.tsx";
import { SourcesView } from "./sources/sources-view.tsx";
import { TrialView } from "./trial/trial-view.tsx";

/** @param token the token in the address that `sluice up` prints; null: there is none, and a cookie may do */
export function App({ token }: { readonly token: string | null }) {
  const [client] = useState(createQueryClient);
  return (
    <QueryClientProvider client={client}>
      <ClockProvider>
        <LocationProvider>
          <Gate token={token} />
        </LocationProvider>
      </ClockProvider>
    </QueryClientProvider>
  );
}

function Gate({ token }: { readonly token: string | null }) {
  const [isExchanging, setExchanging] = useState(token !== null);
  const [refusal, setRefusal] = useState<ApiFault | null>(null);
  const session = useAnswer("getSession", {}, { isOff: isExchanging, everyMs: 60_000 });
  useEffect(() => {
    const signIn = async (given: string) => {
      setRefusal(await exchange(given));
      setExchanging(false);
      await session.refetch();
    };
    if (token !== null) void signIn(token);
    // An address that differs behind the # alone, put into an open page, loads nothing anew.
    const look = () => {
      const given = takeToken();
      if (given !== null) void signIn(given);
    };
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, []);

  if (session.error?.code === "unauthenticated") {
    return (
      <SignIn
        refusal={refusal}
        onAnswer={(answer) => {
          setRefusal(answer);
          if (answer === null) void session.refetch();
        }}
      />
    );
  }
  if (session.data === undefined) {
    return (
      <main class="sign-in">
        {session.error === null ? <Waiting /> : <Failure fault={session.error} again={session.refetch} />}
      </main>
    );
  }
  return (
    <SessionContext.Provider value={session.data}>
      <LiveUpdates>
        <Frame>
          <Router>
            <Route path="/" component={NowView} />
            <Route path="/issues" component={IssuesView} />
            <Route path="/events" component={EventsView} />
            <Route path="/events/:delivery" component={EventView} />
            <Route path="/records" component={RecordsView} />
            {/* The router makes Preact's own `key` of it: another record is another view. */}
            <Route path="/records/:destination/:object/:key" component={RecordView} />
            <Route path="/letters" component={DeadLettersView} />
            <Route path="/letters/cause/:group" component={CauseView} />
            <Route path="/letters/:id" component={DeadLetterView} />
            <Route path="/replays" component={ReplaysView} />
            <Route path="/replays/:id" component={ReplayView} />
            <Route path="/reconciles" component={ReconcilesView} />
            <Route path="/reconciles/:id" component={ReconcileView} />
            <Route path="/sources" component={SourcesView} />
            <Route path="/sources/:name" component={SourceView} />
            <Route path="/destinations" component={DestinationsView} />
            <Route path="/destinations/:name" component={DestinationView} />
            <Route path="/try" component={TrialView} />
            <Route path="/audit" component={AuditView} />
            <Route default component={Nowhere} />
          </Router>
        </Frame>
      </LiveUpdates>
    </SessionContext.Provider>
  );
}

function Nowhere() {
  return (
    <View title="There is nothing here">
      <p>
        The address names no view of this page. <a href="/">Now</a> is where it begins.
      </p>
    </View>
  );
}
