/** In `capsEx`: knows multitrack messages (Enhanced RTMP v2, "Enhancing NetConnection connect Command"). */
export const CAPS_MULTITRACK = 0x02;

/** In `capsEx`: knows ModEx messages. */
const CAPS_MOD_EX = 0x04;

/** What both sides here say in `capsEx`. */
export const CAPS_EX: number = CAPS_MULTITRACK | CAPS_MOD_EX;

/** In a `videoFourCcInfoMap`: can forward the codec, without decoding it (Enhanced RTMP v2, FourCcInfoMask). */
export const FOURCC_FORWARD = 0x04;
