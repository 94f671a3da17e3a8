/// <reference lib="dom" />

/**
 * Loads a module that the page keeps apart because few need it; the page says where in `<meta name="library:NAME">`.
 *
 * Throws `ReferenceError` when the page does not say it, and whatever the browser has to say when it cannot be loaded.
 */
export async function loadLibrary<T>(name: string): Promise<T> {
  return await import(libraryUrl(name)) as T;
}

/** The address of a module that the page keeps apart. */
export function libraryUrl(name: string): string {
  const place = document.querySelector<HTMLMetaElement>(`meta[name="library:${name}"]`);
  if (!place) throw new ReferenceError(`Cannot load ${name}: the page does not say where it is`);
  return new URL(place.content, location.href).href;
}
