import { render } from "preact";
import { App } from "./app.tsx";
import { takeToken } from "./sign-in.tsx";
import { applyTheme, readTheme } from "./theme.ts";

applyTheme(readTheme());
render(<App token={takeToken()} />, document.getElementById("page")!);
