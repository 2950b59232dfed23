#include "paths.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"

bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool is_csv(const char *path)
{
    size_t len = strlen(path);
    return len > 4 && strcasecmp(path + len - 4, ".csv") == 0 && !is_folder(path);
}

char *data_folder(const struct command_line *line)
{
    if (!line->operand_count) {
        const char *regions = line->values[OPTION_REGIONS];
        return regions && !line->stdin_list ? file_dirname(regions) : mem_string(".", 1);
    }
    const char *first = line->operands[0];
    return is_folder(first) ? mem_string(first, strlen(first)) : file_dirname(first);
}

char *labels_path(const char *operand)
{
    return is_folder(operand) ? file_join(operand, "labels.csv")
                              : mem_string(operand, strlen(operand));
}
