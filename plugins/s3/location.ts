/** How a bucket is addressed: as the first part of the path, or as a part of the host's name. */
export type Addressing = "path" | "host";

/** Where objects are. */
export interface StoreLocation {
  /** The store's address, without the bucket; undefined for Amazon's in the region. */
  readonly endpoint?: string;
  readonly region: string;
  readonly bucket: string;
  /** `auto` is `host` for Amazon, and `path` for every other store and for buckets with a dot, which no certificate fits. */
  readonly addressing: Addressing | "auto";
}

/** The address of the bucket itself, with `/` at its end. */
export function bucketUrl({ endpoint, region, bucket, addressing }: StoreLocation): string {
  const url = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`);
  const path = url.pathname.replace(/\/*$/, "/");
  if (resolved(addressing, endpoint, bucket) === "path") return `${url.origin}${path}${bucket}/`;
  return `${url.protocol}//${bucket}.${url.host}${path}`;
}

/** The address of an object below that of its bucket, or of what serves the bucket's objects under other names. */
export function objectUrl(base: string, key: string): string {
  return base.replace(/\/*$/, "/") + key.split("/").map(encodeURIComponent).join("/");
}

function resolved(addressing: StoreLocation["addressing"], endpoint: string | undefined, bucket: string): Addressing {
  if (addressing !== "auto") return addressing;
  return endpoint === undefined && !bucket.includes(".") ? "host" : "path";
}
