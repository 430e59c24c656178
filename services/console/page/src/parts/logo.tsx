/** A gate over water. */
export function Logo() {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2.2"
      stroke-linecap="round"
      aria-hidden="true"
    >
      <path d="M4 3v15M20 3v15" />
      <path d="M8.500 4h7v6h-7z" fill="currentColor" stroke="none" />
      <path d="M7.500 15q1.500-1.600 3 0t3 0 3 0M3 21q1.500-1.600 3 0t3 0 3 0 3 0 3 0 3 0" stroke-width="1.700" />
    </svg>
  );
}
