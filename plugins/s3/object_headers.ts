import { mediaType } from "../shared/serving/media_type.ts";

/** What a store is told of the objects that it gets. */
export interface ObjectSettings {
  readonly storageClass?: string;
  readonly acl?: string;
  readonly encryption?: string;
}

/** Lists change as long as there is something to add, and are asked for again each time. */
const LISTS = /\.(m3u8|json)$/;

/** Everything else has a time in its name, and never means anything else. */
const FOR_EVER = "public, max-age=31536000, immutable";

/** The headers that an object of this name is made with. Lists stay in the store's ordinary class: they are replaced often. */
export function objectHeaders(key: string, settings: ObjectSettings): Record<string, string> {
  const { storageClass, acl, encryption } = settings;
  const isList = LISTS.test(key);
  return {
    "content-type": mediaType(key) ?? "application/octet-stream",
    "cache-control": isList ? "no-cache" : FOR_EVER,
    ...(storageClass && !isList && { "x-amz-storage-class": storageClass }),
    ...(acl && { "x-amz-acl": acl }),
    ...(encryption && { "x-amz-server-side-encryption": encryption }),
  };
}
