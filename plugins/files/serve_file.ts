import type { Context } from "hono";
import type { HttpEnv } from "../../kernel/front/front.ts";
import { hasCode } from "../../kernel/files/files.ts";
import { problemAnswer } from "../../kernel/front/problem.ts";
import type { Clock } from "../../kernel/clock.ts";
import { CORS } from "../shared/serving/answer.ts";
import { FileResource } from "../shared/serving/file_resource.ts";
import { mediaType } from "../shared/serving/media_type.ts";
import type { Resource } from "../shared/serving/resource.ts";
import type { ResourceServer } from "../shared/serving/resource_server.ts";
import type { SharedFiles } from "../shared/serving/shared_files.ts";
import { cachingOf } from "./caching.ts";
import type { FoundFile, ServedFolder } from "./folder.ts";
import { seekFlv } from "./seek_resource.ts";
import { servedPath } from "../shared/recordings/served_path.ts";
import type { WrittenFiles } from "../shared/recordings/written_files.ts";

/** What it takes to serve files. */
export interface FileServing {
  readonly clock: Clock;
  readonly folder: ServedFolder;
  readonly shared: SharedFiles;
  readonly server: ResourceServer;
  readonly written: WrittenFiles;
}

/** Answers a GET or HEAD for a file; undefined when there is none. */
export async function serveFile(c: Context<HttpEnv>, serving: FileServing): Promise<Response | undefined> {
  const target = c.env?.incoming?.url ?? pathOf(c.req.url);
  const parts = servedPath(target);
  const type = parts && mediaType(parts[parts.length - 1]);
  if (!parts || !type) return undefined;
  const found = await serving.folder.find(parts);
  if (!found) return undefined;
  try {
    return await answer(c, resourceOf(found, type, serving), serving);
  } catch (error) {
    // It went away between looking and opening, or nobody may read it.
    if (hasCode(error, "ENOENT") || hasCode(error, "EACCES")) return undefined;
    throw error;
  }
}

async function answer(c: Context<HttpEnv>, file: Resource, { server }: FileServing): Promise<Response> {
  const start = file.type === mediaType("x.flv") ? c.req.query("start") : undefined;
  const resource = start === undefined ? file : await seekFlv(file, start);
  if ("open" in resource) return await server.answer(c, resource);
  return problemAnswer(c, resource.status, resource.error, CORS);
}

function resourceOf(found: FoundFile, type: string, { clock, shared, written }: FileServing): Resource {
  const { path, name, facts, isAlias } = found;
  const asked = { parts: name.split("/"), facts, isAlias, isWritten: written.has(name) };
  return new FileResource(shared, path, facts, type, cachingOf(asked, clock.date()));
}

/** The path as it came, also when the request did not come over a connection. */
function pathOf(url: string): string {
  return url.replace(/^[a-z]+:\/\/[^/]*/i, "");
}
