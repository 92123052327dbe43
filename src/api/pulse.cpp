#include "api/pulse.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/log.h"
#include "record/message.h"

namespace cauce::api {
namespace {

// Ticks come only in seconds without messages, so beyond so few records there is none to find.
constexpr std::uint64_t records_with_notes_max = 16;
constexpr std::size_t read_bytes_max = 256 << 10;
constexpr Duration sample_age_max = std::chrono::seconds{5};
// A message waits for the sync that runs and for its own: beyond this a device feels it.
constexpr Duration sync_slow_min = std::chrono::milliseconds{100};

double seconds_of(Duration span) {
  return std::chrono::duration<double>(span).count();
}

// Logs what is new since the sample before: a fault that lasts is one line, not one a second.
template <class Value>
std::optional<Value> kept(Result<Value> result, const Problem& what, const Sample* before,
                          Sample& sample) {
  if (result) return std::move(*result);
  Problem fault{fmt::format("Cannot {}: the log says why.", what.english),
                fmt::format("No se puede {}: el registro dice por qué.", what.spanish)};
  const bool known = before != nullptr && std::find(before->faults.begin(), before->faults.end(),
                                                    fault) != before->faults.end();
  if (!known) log::warning(result.error().during(what.english).message);
  sample.faults.push_back(std::move(fault));
  return std::nullopt;
}

std::string_view state_in_spanish(std::string_view state) {
  if (state == "restarting") return "reiniciándose";
  if (state == "stopped") return "parado";
  return state;
}

std::string exit_in_spanish(std::string_view exit) {
  for (const auto& [english, spanish] : {std::pair<std::string_view, std::string_view>{
                                             "killed by signal ", "terminado por la señal "},
                                         {"exit status ", "código de salida "}}) {
    if (exit.starts_with(english)) return fmt::format("{}{}", spanish, exit.substr(english.size()));
  }
  return std::string(exit);
}

Problem problem_of(const ProcessState& process) {
  const bool ended = !process.last_exit.empty();
  return {fmt::format("The process {} is {}{}{}.", process.name, process.state, ended ? ": " : "",
                      process.last_exit),
          fmt::format("El proceso {} está {}{}{}.", process.name, state_in_spanish(process.state),
                      ended ? ": " : "", exit_in_spanish(process.last_exit))};
}

Problem problem_of_syncs(Duration mean) {
  const double took = seconds_of(mean) * 1000;
  const double limit = seconds_of(sync_slow_min) * 1000;
  return {
      fmt::format("The disk is slow: it took {:.0f} ms to make messages durable, on average of "
                  "the last seconds, and {:.0f} ms is the limit. Nothing is lost; devices wait "
                  "so long for each acknowledgement. See what else uses the disk.",
                  took, limit),
      fmt::format("El disco va lento: tarda {:.0f} ms en hacer duraderos los mensajes, de media "
                  "en los últimos segundos, y el límite son {:.0f} ms. No se pierde nada; los "
                  "dispositivos esperan eso por cada confirmación. Vea qué más usa el disco.",
                  took, limit)};
}

Problem problem_of(const GroupLag& group, Duration limit) {
  const double age = seconds_of(group.oldest_age);
  return {fmt::format("{} is behind: the oldest of {} unprocessed records of {} is {:.0f} s old, "
                      "the limit is {:.0f} s.",
                      group.group, group.records, group.topic, age, seconds_of(limit)),
          fmt::format("{} va con retraso: el más antiguo de {} registros sin procesar de {} tiene "
                      "{:.0f} s, el límite es {:.0f} s.",
                      group.group, group.records, group.topic, age, seconds_of(limit))};
}

void judge_disk(const Disk& disk, const Options& options, std::vector<Problem>& problems) {
  if (disk.total_bytes == 0) return;
  const double free = static_cast<double>(disk.free_bytes) / static_cast<double>(disk.total_bytes);
  const double percent = std::floor(free * 1000) / 10;
  if (free < options.disk_free_refused) {
    const double limit = options.disk_free_refused * 100;
    problems.push_back(
        {fmt::format("The disk has {} % left, below {:g} %: the gateway refuses messages until "
                     "there is space.",
                     percent, limit),
         fmt::format("Al disco le queda un {} %, menos del {:g} %: el gateway rechaza mensajes "
                     "hasta que haya espacio.",
                     percent, limit)});
  } else if (free < options.disk_free_low) {
    const double limit = options.disk_free_low * 100;
    problems.push_back(
        {fmt::format("The disk has {} % left, below {:g} %: the oldest part of the stream is "
                     "deleted once the lake has it. Make space.",
                     percent, limit),
         fmt::format("Al disco le queda un {} %, menos del {:g} %: la parte más antigua del flujo "
                     "se borra en cuanto el lago la tiene. Libere espacio.",
                     percent, limit)});
  }
}

}  // namespace

Health judge(const Sample* sample, Duration elapsed, const Options& options) {
  Health health;
  auto& problems = health.problems;
  if (sample == nullptr) {
    problems.push_back(
        {"Starting: nothing was measured yet.", "Arrancando: todavía no se ha medido nada."});
    health.ok = false;
    return health;
  }
  const Duration age = elapsed - sample->elapsed_at;
  if (age > sample_age_max) {
    problems.push_back(
        {fmt::format("The api has not looked at the installation for {:.0f} s: a store or the disk "
                     "may hang. What follows is that old.",
                     seconds_of(age)),
         fmt::format("El api no mira la instalación desde hace {:.0f} s: puede que un almacén o el "
                     "disco no responda. Lo que sigue es de entonces.",
                     seconds_of(age))});
  }
  for (const ProcessState& process : sample->processes) {
    if (process.state != "running") problems.push_back(problem_of(process));
  }
  if (sample->gateway_silent > options.gateway_silent_max) {
    const double silent = seconds_of(sample->gateway_silent);
    problems.push_back(
        {fmt::format(
             "The gateway has written nothing for {:.0f} s, although it writes every second "
             "even when no device sends: it is stopped, or its disk hangs.",
             silent),
         fmt::format("El gateway no escribe nada desde hace {:.0f} s, aunque escribe cada segundo "
                     "incluso sin mensajes: está parado, o su disco no responde.",
                     silent)});
  }
  const auto sync_mean = sample->syncs.mean();
  if (sync_mean && *sync_mean > sync_slow_min) problems.push_back(problem_of_syncs(*sync_mean));
  for (const GroupLag& group : sample->groups) {
    if (group.oldest_age > options.oldest_unprocessed_max) {
      problems.push_back(problem_of(group, options.oldest_unprocessed_max));
    }
  }
  if (sample->disk) judge_disk(*sample->disk, options, problems);
  problems.insert(problems.end(), sample->faults.begin(), sample->faults.end());
  health.ok = problems.empty();
  return health;
}

Duration Pulse::until_next() const {
  const auto sample = last();
  if (sample == nullptr) return Duration{0};
  const Duration due = sample->elapsed_at + interval - house_.clock.elapsed();
  return std::max(due, Duration{0});
}

std::shared_ptr<const Sample> Pulse::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

bool Pulse::beat() {
  if (until_next() > Duration{0}) return false;
  const auto last_sample = last();
  const Sample* before = last_sample.get();
  Sample sample;
  if (before != nullptr) {
    sample.message_rates = before->message_rates;
    sample.syncs = before->syncs;
  }
  sample.at = house_.clock.now();
  sample.elapsed_at = house_.clock.elapsed();
  const auto end = kept(house_.raw.end(stream::Partition{0}),
                        {"read the end of the stream", "leer el final del flujo"}, before, sample);
  if (end) count_messages(*end, before, sample);
  sample.disk =
      kept(house_.platform.disk(), {"measure the disk", "medir el disco"}, before, sample);
  auto processes =
      kept(house_.platform.processes(),
           {"read the states of the processes", "leer el estado de los procesos"}, before, sample);
  if (processes) sample.processes = std::move(*processes);
  auto groups =
      kept(house_.platform.groups(),
           {"measure how far the groups are", "medir por dónde van los grupos"}, before, sample);
  if (groups) sample.groups = std::move(*groups);
  const auto metrics =
      kept(house_.platform.metrics(),
           {"read what the processes count", "leer lo que cuentan los procesos"}, before, sample);
  for (const ProcessMetrics& process : metrics.value_or(std::vector<ProcessMetrics>{})) {
    if (const auto totals = sync_totals_of(process.text)) sample.syncs.add(*totals);
  }
  auto taken = std::make_shared<const Sample>(std::move(sample));
  const std::lock_guard lock(mutex_);
  last_ = std::move(taken);
  return true;
}

void Pulse::count_messages(stream::Position end, const Sample* before, Sample& sample) {
  if (!raw_end_ || end != *raw_end_) raw_moved_at_ = sample.elapsed_at;
  if (raw_end_ && end >= *raw_end_ && before != nullptr) {
    const std::uint64_t records = end.number - raw_end_->number;
    const std::uint64_t notes = records <= records_with_notes_max ? notes_among(*raw_end_, end) : 0;
    const double seconds = seconds_of(sample.elapsed_at - before->elapsed_at);
    sample.message_rates.push_back(static_cast<double>(records - notes) / seconds);
    if (sample.message_rates.size() > rates_max) sample.message_rates.pop_front();
  }
  raw_end_ = end;
  sample.gateway_silent = sample.elapsed_at - raw_moved_at_;
}

std::uint64_t Pulse::notes_among(stream::Position from, stream::Position to) {
  std::uint64_t notes = 0;
  while (from < to) {
    const auto batch = house_.raw.read(stream::Partition{0}, from, read_bytes_max);
    if (!batch || (batch->records.empty() && !batch->is_lost())) return notes;
    if (batch->is_lost()) notes += std::min(batch->to, to).number - from.number;
    if (batch->is_lost()) from = std::min(batch->to, to);
    for (const BytesView record : batch->records) {
      if (from == to) return notes;
      const auto decoded = record::decode_raw(record);
      notes += decoded && !decoded->is_message() ? 1 : 0;
      ++from.number;
    }
  }
  return notes;
}

}  // namespace cauce::api
