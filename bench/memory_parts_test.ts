import { assertEquals } from "@std/assert";
import { memoryParts } from "./memory_parts.ts";

const SMAPS = `5581e000-5582a000 r-xp 00000000 fe:00 131 /usr/bin/de no
Size:                 48 kB
Rss:                  40 kB
Pss:                  40 kB
55830000-55990000 rw-p 00000000 00:00 0                          [heap]
Rss:                 100 kB
7f0000000000-7f0000021000 rw-p 00000000 00:00 0 
Rss:                  12 kB
VmFlags: rd wr mr mw me
7f0000030000-7f0000041000 rw-p 00000000 00:00 0                  [anon: v8]
Rss:                   8 kB
7f0000050000-7f0000061000 r--p 00000000 fe:00 132                        /lib/libc.so.6
Rss:                   4 kB
`;

Deno.test("a process's memory is its files, what malloc holds, and the rest", () => {
  const read = (path: string) => path === "/proc/7/smaps" ? SMAPS : "";
  assertEquals(memoryParts(7, read), { files: 44 * 1024, malloc: 100 * 1024, rest: 20 * 1024 });
});

Deno.test("where the system does not tell, nothing is known of its parts", () => {
  const read = () => {
    throw new Deno.errors.NotFound("there is no such file");
  };
  assertEquals(memoryParts(7, read), undefined);
});
