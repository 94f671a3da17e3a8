/** Whether an address is that of a playlist of HLS. */
export function isPlaylist(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && /^https?:$/.test(parsed.protocol) && /\.m3u8$/i.test(parsed.pathname);
}
