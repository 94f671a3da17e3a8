import { patiently } from "./patience.ts";

/** How often something is looked at that tells nobody when it changes, in milliseconds. */
const LOOK_MS = 100;

/** Looks again and again until something holds. */
export async function untilHolds(holds: () => Promise<boolean>, what: string): Promise<void> {
  let isOver = false;
  const looking = async () => {
    while (!isOver && !await holds()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  };
  try {
    await patiently(looking(), () => what);
  } finally {
    isOver = true;
  }
}
