import { definePlugin } from "../../mod.ts";

/** Prints what sinks tell, a line for each: `artifact:complete {"stream":"live/cam",…}`. */
export default definePlugin({
  name: "artifact-witness",
  setup(ctx) {
    for (const name of ["artifact:open", "artifact:complete", "artifact:fail"] as const) {
      ctx.on(name, (event) => console.log(`${name} ${JSON.stringify(event)}`));
    }
  },
});
