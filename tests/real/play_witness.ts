import { definePlugin } from "../../mod.ts";

/** Prints which streams players ask for, a line for each: `asked for live/cam`. */
export default definePlugin({
  name: "play-witness",
  setup(ctx) {
    ctx.decide("play", ({ stream }) => console.log(`asked for ${stream}`));
  },
});
