/**
 * A function that remembers its answers. It forgets the oldest answer when there are too many: the
 * arguments are secrets from a configuration, of which there are few, or texts that a test makes up.
 */
export function remember<Answer>(compute: (text: string) => Answer, limit: number): (text: string) => Answer {
  const answers = new Map<string, Answer>();
  return (text) => {
    if (!answers.has(text)) {
      const [oldest] = answers.size >= limit ? answers.keys() : [];
      if (oldest !== undefined) answers.delete(oldest);
      answers.set(text, compute(text));
    }
    return answers.get(text) as Answer;
  };
}
