const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** `850 kbit/s`, `2.5 Mbit/s`, `220 Mbit/s`. */
export function bitrateText(bitsPerSecond: number): string {
  const kilobits = Math.round(bitsPerSecond / 1000);
  return kilobits < 1000 ? `${kilobits} kbit/s` : `${(kilobits / 1000).toFixed(kilobits < 100_000 ? 1 : 0)} Mbit/s`;
}

/** A day and a time, as people write them where the page is read. */
export function momentText(date: Date): string {
  return MOMENT.format(date);
}

/** `512 KB`, `3.4 MB`, `1.20 GB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} KB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
