/** The body that confirms an upsert, for servers of tests that stand for a destination: it names the record. */
export function upserted(path: string | undefined): string {
  const external_id = new URL(path ?? "", "http://destination").searchParams.get("external_id");
  return JSON.stringify({ custom_object_record: { id: "01", external_id } });
}
