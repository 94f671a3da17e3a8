/** Makes a matcher of events by their names: `play:*` is every event that begins so, `*` every one. */
export function eventMatcher(names: readonly string[]): (name: string) => boolean {
  return (name) => names.some((each) => each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : name === each);
}
