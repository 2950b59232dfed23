/* Time: monotonic for durations, wall for what is written down. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t clock_monotonic_ns(void);
int64_t clock_wall_ms(void); /* milliseconds since 1970-01-01 UTC */

#define CLOCK_ISO_SIZE 25 /* "2026-11-23T17:03:05.123Z" and its NUL */

/* Writes UTC ISO 8601 with milliseconds. ms lies in years 1970 to 9999. */
void clock_format_iso(int64_t ms, char out[CLOCK_ISO_SIZE]);

/* Reads just that form (the milliseconds may be missing); false for anything
 * else, such as a 30th of February. s is len bytes, no NUL needed. */
bool clock_parse_iso(const char *s, size_t len, int64_t *ms);

#endif
