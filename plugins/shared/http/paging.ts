import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { HttpEnv } from "../../../kernel/front/front.ts";
import { Problem } from "../../../kernel/front/problem.ts";

/** The most entries on one page. */
const MAX_LIMIT = 1000;

const count = () => z.int().min(0);

/** What is asked for of a long list. */
export const pageQuery = z.object({
  offset: z.coerce.number().int().min(0).default(0).describe("How many entries to leave out"),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(100).describe("How many entries to give at most"),
});

/** A page of a long list. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    total: count().describe("How many there are on all pages"),
    offset: count(),
    limit: count(),
  });
}

/** The part of a list that a page has. */
export function paged<T>(all: readonly T[], { offset, limit }: { offset: number; limit: number }) {
  return { items: all.slice(offset, offset + limit), total: all.length, offset, limit };
}

/**
 * What page a request wants.
 *
 * @throws {Problem} in words when it cannot be had
 */
export function pageAsked(c: Context<HttpEnv>): z.output<typeof pageQuery> {
  const asked = pageQuery.safeParse(c.req.query());
  if (asked.success) return asked.data;
  const [{ path, message }] = asked.error.issues;
  throw new Problem(400, `${path.join(".")}: ${message}`);
}
