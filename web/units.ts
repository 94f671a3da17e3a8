/** `850 kbit/s`, `2.5 Mbit/s`. */
export function bitrateText(bitsPerSecond: number): string {
  const kilobits = bitsPerSecond / 1000;
  return kilobits < 1000 ? `${Math.round(kilobits)} kbit/s` : `${(kilobits / 1000).toFixed(1)} Mbit/s`;
}

/** `512 KB`, `3.4 MB`, `1.20 GB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} KB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
