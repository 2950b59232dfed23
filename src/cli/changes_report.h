/* What a review has changed, as a CSV: file_name, before and after (a class, or the status of
 * another answer in parentheses), annotator and labeled_at of the new answer; and the region of
 * items that are one. */
#ifndef CLI_CHANGES_REPORT_H
#define CLI_CHANGES_REPORT_H

#include "base/error.h"
#include "session/session.h"

/* Whether the file can be written, and does not exist yet. */
bool changes_report_can_write(const char *path, struct error *err);

/* Writes it, even if nothing has changed; *count: the rows. */
bool changes_report_write(struct session *s, const char *path, size_t *count, struct error *err);

#endif
