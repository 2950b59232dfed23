#include "blocks/symbols.h"

#include <stddef.h>

#define U(byte) "\xE2\x96" byte /* U+2580 and the byte's lower six bits */

const struct block_symbol block_splits[SPLITS] = {
    { 0.125f, U("\x94"), U("\x87") }, /* the upper rows */
    { 0.250f, NULL, U("\x86") },      { 0.375f, NULL, U("\x85") },
    { 0.500f, U("\x80"), U("\x84") }, { 0.625f, NULL, U("\x83") },
    { 0.750f, NULL, U("\x82") },      { 0.875f, NULL, U("\x81") },
    { 0.125f, U("\x8F"), NULL }, /* the left columns */
    { 0.250f, U("\x8E"), NULL },      { 0.375f, U("\x8D"), NULL },
    { 0.500f, U("\x8C"), U("\x90") }, { 0.625f, U("\x8B"), NULL },
    { 0.750f, U("\x8A"), NULL },      { 0.875f, U("\x89"), U("\x95") },
    { 0.250f, U("\x98"), U("\x9F") }, /* quarters */
    { 0.250f, U("\x9D"), U("\x99") }, { 0.250f, U("\x96"), U("\x9C") },
    { 0.250f, U("\x97"), U("\x9B") }, { 0.500f, U("\x9A"), U("\x9E") },
};

const struct block_symbol block_shades[SHADES] = {
    { 0.25f, U("\x91"), U("\x93") },
    { 0.50f, U("\x92"), U("\x92") },
};
