export async function searchTimes(..._: unknown[]): Promise<void> {}
