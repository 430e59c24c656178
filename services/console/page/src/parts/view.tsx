import type { ComponentChildren } from "preact";
import { useLocation } from "preact-iso";
import { useEffect, useRef } from "preact/hooks";

/** The path that was shown last. A link inside the page moves the focus to the new view's heading: it tells people where they are. */
let shown: string | null = null;

type ViewProps = {
  readonly title: ComponentChildren;
  /** The document's title, where `title` is no text. */
  readonly named?: string;
  readonly says?: ComponentChildren;
  /** Links to the views above this one. */
  readonly trail?: ComponentChildren;
  readonly acts?: ComponentChildren;
  readonly children: ComponentChildren;
};

/** A view: it fills the page beside the navigation. */
export function View({ title, named, says, trail, acts, children }: ViewProps) {
  const { path } = useLocation();
  const head = useRef<HTMLHeadingElement>(null);
  const text = named ?? (typeof title === "string" ? title : "");
  useEffect(() => {
    document.title = text === "" ? "Sluice" : `${text} · Sluice`;
  }, [text]);
  useEffect(() => {
    if (shown !== null && shown !== path) head.current?.focus({ preventScroll: true });
    shown = path;
  }, [path]);
  return (
    <main class="view" id="view" tabIndex={-1}>
      <header class="view-head">
        <div>
          {trail !== undefined && <p class="trail">{trail}</p>}
          <h1 ref={head} tabIndex={-1}>
            {title}
          </h1>
          {says !== undefined && <p>{says}</p>}
        </div>
        {acts !== undefined && <div class="acts">{acts}</div>}
      </header>
      {children}
    </main>
  );
}

export function Section({
  title,
  says,
  children,
}: {
  readonly title: string;
  readonly says?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="section">
      <div class="head">
        <h2>{title}</h2>
        {says !== undefined && <span class="soft">{says}</span>}
      </div>
      {children}
    </section>
  );
}
