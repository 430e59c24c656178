import { expect, test } from "vitest";
import { contextOfHeaders, headersOf, readContext, writeContext } from "./trace-context.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const PARENT = `00-${TRACE}-${SPAN}-01`;

test.each([
  ["as it is", PARENT, undefined, PARENT],
  ["with the state of other systems", PARENT, "a=1,b=2", `${PARENT} a=1,b=2`],
  ["with a state in several lines", PARENT, ["a=1", "b=2"], `${PARENT} a=1,b=2`],
  ["without a state that is too long", PARENT, `a=${"x".repeat(512)}`, PARENT],
  ["without a state that is no text", PARENT, "a=ü", PARENT],
  ["of a later version, by the parts that are known", `cc-${TRACE}-${SPAN}-03-more`, undefined, PARENT],
  ["that is not sampled", `00-${TRACE}-${SPAN}-00`, undefined, `00-${TRACE}-${SPAN}-00`],
])("a context %s goes on", (_how, traceparent, tracestate, text) => {
  expect(contextOfHeaders(traceparent, tracestate)).toBe(text);
});

test.each([
  ["none", undefined],
  ["two of them", [PARENT, PARENT]],
  ["two of them in one line", `${PARENT}, ${PARENT}`],
  ["capital letters", PARENT.toUpperCase()],
  ["a trace of zeros", `00-${"0".repeat(32)}-${SPAN}-01`],
  ["a span of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
  ["the version that is none", `ff-${TRACE}-${SPAN}-01`],
  ["more than its version has", `${PARENT}-more`],
  ["another text", "hello"],
])("a request with %s begins a trace of its own", (_what, traceparent) => {
  expect(contextOfHeaders(traceparent, undefined)).toBeNull();
});

test("the text of a context is read as it was written, and becomes the headers of a request", () => {
  const context = { traceId: TRACE, spanId: SPAN, flags: 1, state: "a=1,b= 2" };
  const text = writeContext(context);
  expect(readContext(text)).toEqual(context);
  expect(headersOf(text)).toEqual({ traceparent: PARENT, tracestate: "a=1,b= 2" });
  expect(headersOf(writeContext({ ...context, state: "" }))).toEqual({ traceparent: PARENT });
});
