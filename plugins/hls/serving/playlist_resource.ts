import { MemoryResource } from "../../shared/serving/resource.ts";

const encoder = new TextEncoder();

/** A playlist as it is served: it changes, so that nobody may use it without asking. */
export function playlistResource(text: string): MemoryResource {
  return new MemoryResource(encoder.encode(text), { type: "application/vnd.apple.mpegurl", caching: "revalidate" });
}
