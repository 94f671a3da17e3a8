import { assertEquals } from "@std/assert";
import { bucketUrl, objectUrl, type StoreLocation } from "./location.ts";

const CASES: readonly [name: string, location: Partial<StoreLocation>, url: string][] = [
  ["Amazon's by host", { region: "eu-west-1" }, "https://films.s3.eu-west-1.amazonaws.com/"],
  ["Amazon's by path", { addressing: "path" }, "https://s3.us-east-1.amazonaws.com/films/"],
  ["Amazon's with a dot by path", { bucket: "films.example" }, "https://s3.us-east-1.amazonaws.com/films.example/"],
  ["another store by path", { endpoint: "http://minio:9000" }, "http://minio:9000/films/"],
  ["another store by host", { endpoint: "http://minio:9000/", addressing: "host" }, "http://films.minio:9000/"],
  [
    "a store behind a path",
    { endpoint: "https://example.com/storage/v1/s3" },
    "https://example.com/storage/v1/s3/films/",
  ],
];

for (const [name, location, url] of CASES) {
  Deno.test(`a bucket is addressed: ${name}`, () => {
    assertEquals(bucketUrl({ region: "us-east-1", bucket: "films", addressing: "auto", ...location }), url);
  });
}

Deno.test("an object's address has its key below the bucket's, whatever is in it", () => {
  assertEquals(
    objectUrl("http://minio:9000/films/", "flv/live/cam/x.flv"),
    "http://minio:9000/films/flv/live/cam/x.flv",
  );
  assertEquals(objectUrl("https://cdn.example.com", "a b/ü?.ts"), "https://cdn.example.com/a%20b/%C3%BC%3F.ts");
});
