/// <reference lib="dom" />

/**
 * Makes what loads a library, once, from where the page's `<meta name="library:NAME">` says: the page is drawn without
 * waiting for it.
 *
 * What it makes rejects when the script cannot be had; the next call tries again. `find` gets the library from where its
 * script leaves it.
 */
export function scriptLibrary<T>(name: string, find: () => T): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () =>
    loading ??= addScript(name).then(find).catch((error) => {
      loading = undefined;
      throw error;
    });
}

async function addScript(name: string): Promise<void> {
  const place = document.querySelector<HTMLMetaElement>(`meta[name="library:${name}"]`);
  if (!place) throw new ReferenceError(`Cannot load ${name}: the page does not say where it is`);
  const script = document.createElement("script");
  const loaded = new Promise((resolve, reject) => {
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error(`Could not load ${name}`)));
  });
  script.src = place.content;
  document.head.append(script);
  await loaded;
}
