import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { useAnswer } from "../api/questions.ts";
import { rate } from "../figures.ts";
import type { Now, Series } from "../../../src/contract/now.ts";

const MINUTES = 15;
const POINT_S = 2;

/** The last quarter of an hour; the stream goes on where the first answer ends. */
export function Charts({ now, destination }: { readonly now: Now; readonly destination?: string }) {
  const answer = useAnswer("getSeries", { query: { minutes: MINUTES, ...(destination ? { destination } : {}) } });
  const series = useGrowing(answer.data, now, destination);
  if (series === null || series.at.length < 2) return null;
  const rates: uPlot.AlignedData = [series.at, series.acceptedPerSecond, series.endedPerSecond];
  const backlog: uPlot.AlignedData = [series.at, series.pendingRecords, series.waitingWebhooks];
  return (
    <div class="charts">
      <Chart data={rates} first="Accepted per second" second="Ended per second" />
      <Chart data={backlog} first="Pending records" second="Waiting webhooks" />
    </div>
  );
}

function useGrowing(begun: Series | undefined, now: Now, destination: string | undefined): Series | null {
  const [grown, setGrown] = useState<Series | null>(null);
  useEffect(() => setGrown(begun ?? null), [begun]);
  useEffect(() => {
    setGrown((series) => (series === null ? null : withPoint(series, now, destination)));
  }, [now, destination]);
  return grown;
}

function withPoint(series: Series, now: Now, destination: string | undefined): Series {
  const at = Date.parse(now.at) / 1_000;
  if (at - (series.at.at(-1) ?? 0) < POINT_S) return series;
  const of = destination === undefined ? now.totals : now.destinations.find(({ name }) => name === destination);
  // Points older than the chart is wide go out on the left.
  const from = series.at.findIndex((each) => each > at - MINUTES * 60);
  const keep = <Value,>(column: readonly Value[], value: Value): Value[] => [...column.slice(Math.max(0, from)), value];
  return {
    at: keep(series.at, at),
    acceptedPerSecond: keep(series.acceptedPerSecond, of?.acceptedPerSecond ?? null),
    endedPerSecond: keep(series.endedPerSecond, of?.endedPerSecond ?? null),
    waitingWebhooks: keep(series.waitingWebhooks, now.intake.waitingWebhooks),
    pendingRecords: keep(series.pendingRecords, of?.pendingRecords ?? null),
  };
}

type ChartProps = { readonly data: uPlot.AlignedData; readonly first: string; readonly second: string };

function Chart({ data, first, second }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    let isGone = false;
    let undo = () => {};
    // The plot's code is a third of the page's script, and no words of the page wait for it.
    const begin = async () => {
      const { draw } = await import("./plot.ts");
      if (isGone || place.current === null) return;
      const drawn = draw(place.current, latest.current);
      plot.current = drawn.plot;
      undo = drawn.undo;
    };
    void begin();
    return () => {
      isGone = true;
      undo();
    };
  }, []);
  useEffect(() => plot.current?.setData(data), [data]);
  const said = useMemo(() => `${first}: now ${last(data[1])}. ${second}: now ${last(data[2])}.`, [data, first, second]);
  return (
    <figure class="chart">
      <figcaption>
        <span class="key">{first}</span>
        <span class="key second">{second}</span>
      </figcaption>
      <div class="canvas" ref={place} role="img" aria-label={said} />
    </figure>
  );
}

function last(column: uPlot.AlignedData[number] | undefined): string {
  const value = column?.at(-1);
  return value == null ? "not known" : rate(value);
}
