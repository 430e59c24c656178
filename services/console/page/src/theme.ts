/** `auto`: as the system has it. */
export type Theme = "auto" | "light" | "dark";

const KEY = "sluice-theme";

export function readTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "auto";
}

export function applyTheme(theme: Theme): void {
  if (theme === "auto") {
    localStorage.removeItem(KEY);
    delete document.documentElement.dataset["theme"];
    return;
  }
  localStorage.setItem(KEY, theme);
  document.documentElement.dataset["theme"] = theme;
}
