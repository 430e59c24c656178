export async function read(work: () => Promise<string>): Promise<string> {
  try {
    return work();
  } catch {
    return "";
  }
}
