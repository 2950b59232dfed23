/* Time: the monotonic clock for durations, the wall clock for times in files. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t clock_monotonic_ns(void);
int64_t clock_wall_ms(void); /* milliseconds since 1970-01-01 UTC */

#define CLOCK_ISO_SIZE 25 /* "2026-11-23T17:03:05.123Z" and its NUL */

/* Writes UTC in ISO 8601 with milliseconds. ms must be in the years 1970 to 9999. */
void clock_format_iso(int64_t ms, char out[CLOCK_ISO_SIZE]);

/* Reads exactly that form (milliseconds optional); false for anything else, such as
 * 30 February. s is len bytes and needs no NUL. */
bool clock_parse_iso(const char *s, size_t len, int64_t *ms);

#endif
