#include "cli.h"

#include "base/mem.h"

static const struct command commands[] = {
    { "label", "[label] DIR|FILE|LIST…", "Label pictures, one key each", COMMAND_LABEL,
      command_label },
    { "review", "review LABELS.csv|DIR", "Go through what is labelled, and mend it", COMMAND_REVIEW,
      command_review },
    { "train", "train LABELS.csv|DIR -o MODEL.tflite", "Train a network on labelled pictures",
      COMMAND_TRAIN, command_train },
    { "eval", "eval DIR|LABELS.csv", "Tell how right the guesses are after so many labels", COMMAND_EVAL,
      command_eval },
    { "predict", "predict -m MODEL.tflite DIR|FILE|LIST… > guesses.csv",
      "Write a model's guess for each picture as CSV", COMMAND_PREDICT, command_predict },
    { "model", "model FILE.tflite", "Tell what a model is made of and how fast it runs",
      COMMAND_MODEL, command_model },
    { "show", "show DIR|FILE|LIST…", "Print pictures to the terminal or a pipe", COMMAND_SHOW,
      command_show },
    { "doctor", "doctor", "Tell what this terminal and this build can do, and why", COMMAND_DOCTOR,
      command_doctor },
};

const struct command *command_at(size_t index)
{
    return index < ARRAY_LEN(commands) ? &commands[index] : NULL;
}
