#include "base/clock.h"

#include <stdio.h>
#include <time.h>

int64_t clock_monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The last n digits and a character. Not snprintf(), which takes most of the time in which a
 * million rows are written. */
static char *put(char *out, unsigned value, int n, char after)
{
    for (int i = n; i-- > 0; value /= 10) {
        out[i] = (char)('0' + value % 10);
    }
    out[n] = after;
    return out + n + 1;
}

void clock_format_iso(int64_t ms, char out[CLOCK_ISO_SIZE])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    out = put(out, (unsigned)(tm.tm_year + 1900), 4, '-');
    out = put(out, (unsigned)(tm.tm_mon + 1), 2, '-');
    out = put(out, (unsigned)tm.tm_mday, 2, 'T');
    out = put(out, (unsigned)tm.tm_hour, 2, ':');
    out = put(out, (unsigned)tm.tm_min, 2, ':');
    out = put(out, (unsigned)tm.tm_sec, 2, '.');
    out = put(out, (unsigned)(ms % 1000), 3, 'Z');
    *out = '\0';
}

/* Reads exactly n digits, then the character `after` (0: none is required). */
static bool number(const char **s, const char *end, int n, char after, int *value)
{
    *value = 0;
    for (int i = 0; i < n; i++) {
        if (*s >= end || **s < '0' || **s > '9') {
            return false;
        }
        *value = *value * 10 + (*(*s)++ - '0');
    }
    if (!after) {
        return true;
    }
    return *s < end && *(*s)++ == after;
}

bool clock_parse_iso(const char *s, size_t len, int64_t *ms)
{
    const char *end = s + len;
    int year, month, day, hour, minute, second;
    int milli = 0;
    if (!number(&s, end, 4, '-', &year) || !number(&s, end, 2, '-', &month) ||
        !number(&s, end, 2, 'T', &day) || !number(&s, end, 2, ':', &hour) ||
        !number(&s, end, 2, ':', &minute) || !number(&s, end, 2, 0, &second)) {
        return false;
    }
    if (s < end && *s == '.') {
        s++;
        if (!number(&s, end, 3, 0, &milli)) {
            return false;
        }
    }
    if (end - s != 1 || *s != 'Z' || year < 1970) {
        return false;
    }
    struct tm tm = { .tm_year = year - 1900,
                     .tm_mon = month - 1,
                     .tm_mday = day,
                     .tm_hour = hour,
                     .tm_min = minute,
                     .tm_sec = second };
    time_t t = timegm(&tm);
    /* timegm() carries values out of range into the next field: such a date is invalid. */
    if (tm.tm_year != year - 1900 || tm.tm_mon != month - 1 || tm.tm_mday != day ||
        tm.tm_hour != hour || tm.tm_min != minute || tm.tm_sec != second) {
        return false;
    }
    *ms = (int64_t)t * 1000 + milli;
    return true;
}
