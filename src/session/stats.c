/* Statistics: the rate of the answers, and how many predictions were right. */
#include "session_private.h"

#include <string.h>

#define PAUSE_MS 60000 /* a longer gap between answers is a pause */

void session_count_answer(struct session *s)
{
    s->times_ms[s->given % RATE_ANSWERS] = session_now_ms(s);
    s->given++;
}

/* Whether the answer says if its recorded prediction is right. Where pictures may have several
 * classes, "none of these" may be predicted: then only the confidence is recorded. */
static bool can_be_judged(const struct session *s, const struct annotation *a)
{
    return s->classes->multi
               ? a->confidence >= 0.0f && (a->status == STATUS_LABELED || a->status == STATUS_NONE)
               : a->status == STATUS_LABELED && a->guess && a->guess[0];
}

void session_judge_guess(struct session *s, const struct annotation *a)
{
    if (can_be_judged(s, a)) {
        s->judged[s->judged_count++ % JUDGED_GUESSES] =
            strcmp(a->guess, a->label ? a->label : "") == 0;
    }
}

void session_uncount(struct session *s, const struct annotation *a)
{
    s->given -= s->given > 0;
    s->judged_count -= s->judged_count > 0 && can_be_judged(s, a);
}

static void measure_rate(const struct session *s, struct session_stats *stats)
{
    size_t n = s->given < RATE_ANSWERS ? s->given : RATE_ANSWERS;
    int64_t worked = 0;
    size_t steps = 0;
    for (size_t i = 1; i < n; i++) {
        int64_t later = s->times_ms[(s->given - i) % RATE_ANSWERS];
        int64_t step = later - s->times_ms[(s->given - i - 1) % RATE_ANSWERS];
        if (step >= 0 && step < PAUSE_MS) {
            worked += step;
            steps++;
        }
    }
    stats->seconds_left = -1.0f;
    if (steps >= 3 && worked > 0) {
        stats->per_minute = (float)steps * 60000.0f / (float)worked;
        stats->seconds_left = (float)(stats->total - stats->answered) * 60.0f / stats->per_minute;
    }
}

void session_stats(struct session *s, struct session_stats *stats)
{
    memset(stats, 0, sizeof *stats);
    stats->total = s->marked;
    stats->answered = s->marked - s->by_status[STATUS_UNANSWERED] - s->by_status[STATUS_PREDICTED];
    stats->listing = !catalog_done(s->catalog);
    memcpy(stats->by_status, s->by_status, sizeof stats->by_status);
    stats->given = s->given;
    measure_rate(s, stats);
    session_measure(s);
    stats->any_judged = s->any_judged;
    stats->any_right = s->any_right;
    stats->guesses_judged = s->judged_count < JUDGED_GUESSES ? s->judged_count : JUDGED_GUESSES;
    for (size_t i = 0; i < stats->guesses_judged; i++) {
        stats->guesses_right += s->judged[i];
    }
}
