/* Accuracy of the predictions on any picture, measured on the random sample. */
#include "session_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SAMPLE_MOST 2048 /* pictures of the sample examined after each answer */
#define JUDGED_MOST 200  /* of them, how many of the latest are judged */
#define DRAWN_LEAST 4    /* at least one in so many must have been drawn */

static bool is_closed(const void *context, uint32_t id)
{
    const struct session *s = context;
    return label_status_is_answer((enum label_status)s->marks[id].status);
}

/* Skipped and unsure pictures have no right answer to compare with. */
static bool can_be_judged(struct mark m)
{
    return m.status == STATUS_LABELED || m.status == STATUS_NONE;
}

/* Collects the pictures of the sample that can be judged, from index `from` on, and the
 * times of their answers; returns their number. */
static size_t gather(struct session *s, size_t from, size_t length, uint32_t *ids, int64_t *times)
{
    size_t count = 0;
    for (size_t i = from; i < length; i++) {
        struct annotation a;
        uint32_t id = s->sample.front[i].id;
        if (can_be_judged(s->marks[id]) && session_answer_of(s, id, &a)) {
            ids[count] = id;
            times[count++] = a.labeled_at_ms;
        }
    }
    return count;
}

/* Removes the pictures that were chosen, not drawn; returns how many are left. If hardly any
 * were drawn, the times are not informative and all are kept. */
static size_t leave_out_chosen(uint32_t *ids, const int64_t *times, size_t count)
{
    bool *drawn = mem_array(count, sizeof *drawn);
    size_t kept = 0;
    if (drawn && sample_drawn(times, count, drawn)) {
        for (size_t i = 0; i < count; i++) {
            kept += drawn[i];
        }
    }
    if (!drawn || kept < count / DRAWN_LEAST) {
        free(drawn);
        return count;
    }
    kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (drawn[i]) {
            ids[kept++] = ids[i];
        }
    }
    free(drawn);
    return kept;
}

size_t session_sample(struct session *s, uint32_t *ids, size_t max)
{
    size_t length = sample_length(&s->sample, is_closed, s);
    size_t from = length > max ? length - max : 0;
    int64_t *times = mem_array(length - from, sizeof *times);
    if (!times) {
        return 0;
    }
    size_t count = gather(s, from, length, ids, times);
    if (length < s->marked) { /* else there are no unanswered pictures to represent */
        count = leave_out_chosen(ids, times, count);
    }
    free(times);
    return count;
}

/* Compares the recorded prediction with the answer; false if none was recorded. Where pictures
 * may have several classes it is right only if all of them are, and no other: "none of these"
 * may be predicted, and then only its confidence is recorded. */
static bool judge(struct session *s, uint32_t id, bool *right)
{
    struct annotation a;
    bool multi = s->classes->multi;
    if (!session_answer_of(s, id, &a) || !(a.guess[0] || (multi && a.confidence >= 0.0f))) {
        return false;
    }
    if (multi) {
        *right = session_same_classes(s, a.guess, a.label);
        return true;
    }
    *right = a.status == STATUS_LABELED && strcmp(a.guess, a.label) == 0;
    return true;
}

/* Only the last third: predictions made with fewer answers say little about the present
 * model. */
void session_measure(struct session *s)
{
    static const size_t most = SAMPLE_MOST;
    uint32_t *ids = s->measured ? NULL : mem_array(most, sizeof *ids);
    if (!ids) {
        return;
    }
    size_t count = session_sample(s, ids, most);
    size_t last = count / 3 > JUDGED_MOST ? JUDGED_MOST : (count + 2) / 3;
    size_t from = count - last;
    s->any_judged = s->any_right = 0;
    for (size_t i = from; i < count; i++) {
        bool right = false;
        s->any_judged += judge(s, ids[i], &right);
        s->any_right += right;
    }
    s->measured = true;
    free(ids);
}
