/** Line feeds, carriage returns and quotation marks cannot stand in a quoted string (RFC 8216, 4.2). */
const NOT_QUOTABLE = /[\r\n"]/;

/**
 * A quoted-string attribute value (RFC 8216, 4.2).
 *
 * Throws RangeError for text with line breaks or quotation marks: playlists have no way to escape them, URLs have.
 */
export function quoted(text: string): string {
  if (NOT_QUOTABLE.test(text)) throw new RangeError(`${JSON.stringify(text)} cannot stand in a playlist in quotes`);
  return `"${text}"`;
}

/** A hexadecimal-sequence attribute value (RFC 8216, 4.2). */
export function hexadecimal(bytes: Uint8Array): string {
  return "0x" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
}

/**
 * Seconds as a decimal-floating-point (RFC 8216, 4.2), always with a point and exact to the microsecond.
 *
 * Throws RangeError for what is negative or not finite.
 */
export function decimalSeconds(seconds: number): string {
  if (!(seconds >= 0 && seconds < Infinity)) throw new RangeError(`${seconds} seconds cannot stand in a playlist`);
  return seconds.toFixed(6).replace(/(\.\d+?)0+$/, "$1");
}

/** A tag with an attribute list (RFC 8216, 4.2); what is undefined is left out, values are written as they are. */
export function attributeTag(name: string, attributes: Readonly<Record<string, string | number | undefined>>): string {
  const present = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return `#${name}:${present.map(([key, value]) => `${key}=${value}`).join(",")}`;
}

/** A URI on a line of its own. Throws RangeError when it would be read as something else. */
export function uriLine(uri: string): string {
  if (!/^[^#\s][^\s]*$/.test(uri)) throw new RangeError(`${JSON.stringify(uri)} cannot stand in a playlist as a URI`);
  return uri;
}
