export function say(outcome: "applied" | "merged" | "dead"): void {
  switch (outcome) {
    case "applied":
    case "merged":
      process.stdout.write("fine");
  }
}
