export default function nameless(): void {}
