/* `thumbtag eval` of labels with several classes a picture: the accuracy of the predictions made
 * while labelling. The learning curve is measured for one class a picture only. */
#include "eval_multi.h"

#include <stdio.h>
#include <stdlib.h>

#include "config/class_file.h"
#include "drawn.h"
#include "fail.h"
#include "paths.h"
#include "say.h"
#include "store/labels.h"

bool eval_is_multi(const char *path)
{
    char *csv = labels_path(path);
    bool multi = csv && class_file_is_multi(csv);
    free(csv);
    return multi;
}

int eval_multi(const char *path)
{
    struct error err;
    struct drawn any = { .names = NULL };
    char *csv = labels_path(path);
    if (!csv) {
        return fail_nomem("the path of the labels");
    }
    struct labels *labels = labels_open(csv, LABELS_READ_ONLY | LABELS_MULTI, NULL, &err);
    bool ok = labels && drawn_find(&any, labels, csv, &err);
    if (ok) {
        drawn_print(&any);
        say(stdout,
            "no learning curve: pictures of %s may have several classes each, and it is "
            "measured for one class a picture\n",
            csv);
    }
    labels_close(labels, NULL);
    drawn_release(&any);
    free(csv);
    return ok ? EXIT_DONE : fail(&err);
}
