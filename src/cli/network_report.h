/* The network that classes are learned on: what doctor tells of it. */
#ifndef CLI_NETWORK_REPORT_H
#define CLI_NETWORK_REPORT_H

#include "model_choice.h"

struct network_report {
    struct model_choice choice;
    struct error trouble; /* why the chosen file cannot be used; the rest is then of the network
                             inside if the file is the user's own backbone, else zero */
    size_t bytes;         /* of the file; 0 if there is no network */
    int width, height;    /* of its input, in pixels */
    size_t features;
    double ms; /* per picture on one thread, without decoding: median of some runs */
};

/* Loads and times the network that a labelling session would use. False only when out of
 * memory. Release the report in both cases. */
bool network_report_make(struct network_report *r, const struct settings *s, struct error *err);
void network_report_release(struct network_report *r);

#endif
