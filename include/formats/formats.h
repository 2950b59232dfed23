/* Data sets of other programs: labels in, labels out.
 *
 * Each format is a file in src/formats/ and a row of the table in formats.c. A format is
 * recognised by its content. Nothing is ever written to a source.
 *
 * Regions are in pixels of the upright picture; where a format counts differently, its file
 * says how. */
#ifndef FORMATS_FORMATS_H
#define FORMATS_FORMATS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "formats/dataset.h"

enum format_holds {                    /* flags: what its files can say */
                    HOLDS_CLASS = 1,   /* one class of a whole picture */
                    HOLDS_SEVERAL = 2, /* several classes of an item */
                    HOLDS_REGIONS = 4,
                    HOLDS_STATUS = 8, /* skipped, unsure, none */
};

struct format_info {
    const char *name, *text;
    const char *read_as; /* the format that reads what it writes, if it is another one */
    bool reads, writes;
    unsigned holds;
};

/* The format of that index; false past the last one. */
bool formats_at(size_t index, struct format_info *out);

/* ------------------------------------------------------------------- import */

struct import_options {
    const char *from;         /* a format's name; NULL: by content */
    const char *file_column;  /* header or number (from 1) of a table's column; NULL: found */
    const char *label_column; /* the same */
    bool multi;               /* labels of a table may be several, separated */
};

/* Reads the file or folder into d; *from (may be NULL) is the name of the format. On failure d
 * can only be freed. */
bool formats_import(const char *path, const struct import_options *options, struct dataset *d,
                    const char **from, struct error *err);

/* ------------------------------------------------------------------- export */

enum { SPLITS_MAX = 3 }; /* train, val, test */

struct export_options {
    const char *to;
    const char *folder;     /* what the names of the annotations are relative to */
    const char *out;        /* a file, replaced atomically; or a folder, which must not exist yet */
    int shares[SPLITS_MAX]; /* per cent for train, val and test, 100 together; all 0: no split */
    bool copy;              /* pictures are copied, else linked to */
};

struct export_report {
    size_t annotations, pictures;
    size_t per_split[SPLITS_MAX]; /* pictures */
    bool is_folder;
};

/* Writes the annotations, all with a label or a status. ERROR_UNSUPPORTED if the format cannot
 * hold one of them. With shares, the hash of its name decides where a picture goes, so that it
 * stays there when others are added. */
bool formats_export(const struct annotation *list, size_t count,
                    const struct export_options *options, struct export_report *report,
                    struct error *err);

/* The part that a picture belongs to: 0, 1, 2. */
int formats_split(const char *file_name, const int shares[SPLITS_MAX]);

#endif
