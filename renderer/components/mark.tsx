import './mark.css';

/** Moult's mark: a shell that opens around a solid core, in two strokes. What is shed is outside, what is kept inside. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 24 24" fill="none" strokeLinecap="round" aria-hidden="true">
      <path className="mark-shell" d="M19.2 7.2A8.8 8.8 0 1 0 20.4 14.6" strokeWidth="2.4" />
      <path className="mark-core" d="M12 10.2a1.8 1.8 0 1 1-.01 0" strokeWidth="4.2" />
    </svg>
  );
}

/** The core alone: what stays. */
export function StaysGlyph({ size = 16 }: { size?: number }) {
  return (
    <svg className="glyph-stays" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="5" fill="currentColor" />
    </svg>
  );
}

/** The open shell alone: what changes. */
export function ChangesGlyph({ size = 16 }: { size?: number }) {
  return (
    <svg className="glyph-changes" width={size} height={size} viewBox="0 0 16 16" fill="none" aria-hidden="true">
      <path d="M12.6 4.6A5.6 5.6 0 1 0 13.5 9" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      <path d="M13.2 1.8v3.4H9.8" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
