#include "cli.h"

#include "base/mem.h"

static const struct command commands[] = {
    { "label", "[label] DIR|FILE|LIST…|LABELS.csv", "Label pictures with single keys",
      COMMAND_LABEL, command_label },
    { "review", "review LABELS.csv|DIR", "Review and correct labels", COMMAND_REVIEW,
      command_review },
    { "classes", "classes [LABELS.csv|DIR] [ACTION]",
      "Show, add, rename, merge or remove classes, also in the answers", COMMAND_CLASSES,
      command_classes },
    { "recover", "recover LABELS.csv|DIR", "Merge answers set aside after a conflict",
      COMMAND_RECOVER, command_recover },
    { "import", "import SOURCE", "Take labels of other programs into a labels.csv", COMMAND_IMPORT,
      command_import },
    { "export", "export LABELS.csv|DIR --to WHICH -o OUT", "Write the labels for other programs",
      COMMAND_EXPORT, command_export },
    { "compare", "compare A.csv|DIR…", "Measure agreement between annotators; merge their labels",
      COMMAND_COMPARE, command_compare },
    { "stats", "stats LABELS.csv|DIR", "Counts, rate, and how right the predictions were",
      COMMAND_STATS, command_stats },
    { "train", "train LABELS.csv|DIR -o MODEL.tflite",
      "Train a network on labelled pictures, or on any with a teacher", COMMAND_TRAIN,
      command_train },
    { "eval", "eval DIR|LABELS.csv", "Measure accuracy against the number of labels", COMMAND_EVAL,
      command_eval },
    { "predict", "predict -m MODEL.tflite DIR|FILE|LIST…|LABELS.csv > predictions.csv",
      "Predict the class of each picture, as CSV", COMMAND_PREDICT, command_predict },
    { "model", "model FILE.tflite", "Describe a model and measure its speed", COMMAND_MODEL,
      command_model },
    { "show", "show DIR|FILE|LIST…", "Show pictures in the terminal, or write them to a file",
      COMMAND_SHOW, command_show },
    { "cache", "cache [DIR|FILE|LIST…]", "Tell what the cache on disk has, or empty it",
      COMMAND_CACHE, command_cache },
    { "doctor", "doctor", "Show what this terminal and this build can do, and why", COMMAND_DOCTOR,
      command_doctor },
};

const struct command *command_at(size_t index)
{
    return index < ARRAY_LEN(commands) ? &commands[index] : NULL;
}
