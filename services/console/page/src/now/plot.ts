import UPlot from "uplot";
import { rate } from "../figures.ts";

const HEIGHT = 132;

/** Draws two lines over time into `place`, as wide as it is, in the page's colours as they are. */
export function draw(place: HTMLElement, data: UPlot.AlignedData): { plot: UPlot; undo: () => void } {
  const figure = place.parentElement!;
  const colourOf = (selector: string, pseudo?: string) => {
    const style = getComputedStyle(figure.querySelector(selector)!, pseudo);
    return pseudo === undefined ? style.color : style.borderTopColor;
  };
  const accent = () => colourOf(".key", "::before");
  const soft = () => colourOf("figcaption");
  const faint = () => getComputedStyle(place).borderBottomColor;
  const font = `11px ${getComputedStyle(figure).fontFamily}`;
  const plot = new UPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, points: { size: 6 } },
      padding: [6, 14, 0, 0],
      scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, (max ?? 0) * 1.15)] } },
      series: [
        {},
        { stroke: accent, width: 1.75, points: { show: false } },
        { stroke: soft, width: 1.25, dash: [4, 3], points: { show: false } },
      ],
      axes: [
        {
          stroke: soft,
          font,
          size: 22,
          gap: 4,
          space: 72,
          grid: { show: false },
          ticks: { show: false },
          values: (_plot, splits, _axis, _space, stepS) => {
            // Labels that stand closer than a minute would be alike without their seconds.
            const parts: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
            if (stepS < 60) parts.second = "2-digit";
            return splits.map((at) => new Date(at * 1_000).toLocaleTimeString("en-GB", parts));
          },
        },
        {
          stroke: soft,
          font,
          size: 40,
          gap: 6,
          space: 34,
          grid: { stroke: faint, width: 1 },
          ticks: { show: false },
          values: (_plot, splits) => splits.map((value) => rate(value)),
        },
      ],
    },
    data,
    place,
  );
  const fit = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT }));
  fit.observe(place);
  const redraw = () => plot.redraw(false, true);
  const chosen = new MutationObserver(redraw);
  chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", redraw);
  return {
    plot,
    undo: () => {
      fit.disconnect();
      chosen.disconnect();
      system.removeEventListener("change", redraw);
      plot.destroy();
    },
  };
}
