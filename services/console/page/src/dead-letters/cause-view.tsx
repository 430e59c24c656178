import { useRoute } from "preact-iso";
import { useState } from "preact/hooks";
import { useAnswer, useList } from "../api/questions.ts";
import { count } from "../figures.ts";
import { Empty, Failure, sentence, Waiting } from "../parts/answers.tsx";
import { Ago } from "../parts/clock.tsx";
import { More } from "../parts/more.tsx";
import { View } from "../parts/view.tsx";
import { useMayOperate } from "../session.ts";
import { PlanDialog } from "./plan-dialog.tsx";
import { Unreached } from "./unreached.tsx";
import { aboutText } from "./words.ts";

/** As often as the list of causes, and for its reason. */
const EVERY_MS = 5_000;

/** The dead letters of one cause, and the acts on all of them at once. */
export function CauseView() {
  const { group } = useRoute().params as { group: string };
  const mayOperate = useMayOperate();
  const groups = useAnswer("groupLetters", { query: { group } }, { everyMs: EVERY_MS });
  const list = useList("findLetters", { query: { group } }, { everyMs: EVERY_MS });
  const [act, setAct] = useState<"replay" | "discard" | null>(null);
  const cause = groups.data?.groups.find(({ id }) => id === group);
  return (
    <View
      title={cause === undefined ? "One cause" : sentence(cause.message)}
      trail={<a href="/letters">Dead letters</a>}
      {...(cause === undefined ? {} : { says: cause.hint })}
      acts={
        mayOperate && list.items.length > 0 ? (
          <>
            <button type="button" class="main" onClick={() => setAct("replay")}>
              Replay all{cause === undefined ? "" : ` ${count(cause.count)}`}
            </button>
            <button type="button" class="grave" onClick={() => setAct("discard")}>
              Discard all
            </button>
          </>
        ) : undefined
      }
    >
      {groups.data !== undefined && <Unreached letters={groups.data.unreached} />}
      {list.error !== null && <Failure fault={list.error} />}
      {list.isPending && <Waiting />}
      {!list.isPending && list.error === null && list.items.length === 0 && !list.hasMore && (
        <Empty title="None of them is left">
          They were replayed, discarded, or made good by newer events. <a href="/letters">All dead letters</a>
        </Empty>
      )}
      {list.items.length > 0 && (
        <table class="stacks">
          <thead>
            <tr>
              <th scope="col">Record or event</th>
              <th scope="col">Message</th>
              <th scope="col">From</th>
              <th scope="col" class="right">
                Attempts
              </th>
              <th scope="col">Since</th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((letter) => (
              <tr key={letter.id}>
                <td>
                  <a href={`/letters/${encodeURIComponent(letter.id)}`} class="code">
                    {aboutText(letter)}
                  </a>
                </td>
                <td>{letter.message}</td>
                <td data-label="From">{letter.sources.join(", ")}</td>
                <td data-label="Attempts" class="right">
                  {letter.attempts ?? "–"}
                </td>
                <td data-label="Since">
                  <Ago at={letter.at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <More list={list} />
      {act !== null && <PlanDialog act={act} selection={{ filter: { group } }} onClose={() => setAct(null)} />}
    </View>
  );
}
