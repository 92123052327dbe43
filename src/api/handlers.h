// One function for each row of routes.h, grouped by the file that holds it. All run on the worker's
// thread, after the caller was recognised, found allowed, and its company decided.
#pragma once

#include "api/call.h"

namespace cauce::api {

using Handler = Result<Answer> (*)(Call&);

// session.cpp
Result<Answer> show_session(Call&);
Result<Answer> open_session(Call&);
Result<Answer> change_password(Call&);
Result<Answer> close_session(Call&);
Result<Answer> create_owner_link(Call&);
// users.cpp
Result<Answer> list_users(Call&);
Result<Answer> create_user(Call&);
Result<Answer> change_user(Call&);
Result<Answer> remove_user(Call&);
// overview.cpp
Result<Answer> show_overview(Call&);
// companies.cpp
Result<Answer> list_companies(Call&);
Result<Answer> create_company(Call&);
Result<Answer> change_company(Call&);
// sites.cpp
Result<Answer> list_sites(Call&);
Result<Answer> create_site(Call&);
// device_types.cpp
Result<Answer> list_device_types(Call&);
Result<Answer> create_device_type(Call&);
Result<Answer> change_device_type(Call&);
// devices.cpp
Result<Answer> list_devices(Call&);
Result<Answer> show_device(Call&);
Result<Answer> change_device(Call&);
// device_credentials.cpp
Result<Answer> create_device(Call&);
Result<Answer> renew_token(Call&);
// shared_keys.cpp
Result<Answer> give_shared_key(Call&);
Result<Answer> end_shared_key(Call&);
// device_ledger.cpp
Result<Answer> show_ledger(Call&);
// commands.cpp
Result<Answer> list_commands(Call&);
Result<Answer> send_command(Call&);
Result<Answer> show_command(Call&);
Result<Answer> withdraw_command(Call&);
// series.cpp
Result<Answer> list_series(Call&);
Result<Answer> show_points(Call&);
Result<Answer> show_aggregates(Call&);
// alarms.cpp
Result<Answer> show_series_alarms(Call&);
Result<Answer> list_alarms(Call&);
Result<Answer> show_alarm(Call&);
// rules.cpp
Result<Answer> list_rules(Call&);
Result<Answer> show_rule(Call&);
Result<Answer> create_rule(Call&);
Result<Answer> change_rule(Call&);
Result<Answer> remove_rule(Call&);
// tokens.cpp
Result<Answer> list_tokens(Call&);
Result<Answer> create_token(Call&);
Result<Answer> remove_token(Call&);
// dead_letters.cpp
Result<Answer> list_dead_letters(Call&);
Result<Answer> count_dead_letters(Call&);
Result<Answer> show_dead_letter(Call&);
// reports.cpp
Result<Answer> show_daily_site_summary(Call&);
// data_sets.cpp
Result<Answer> list_data_sets(Call&);
Result<Answer> create_data_set(Call&);
Result<Answer> show_data_set(Call&);
Result<Answer> change_data_set(Call&);
Result<Answer> remove_data_set(Call&);
Result<Answer> create_version(Call&);
// uploads.cpp
Result<Answer> begin_upload(Call&);
Result<Answer> show_upload(Call&);
Result<Answer> continue_upload(Call&);
Result<Answer> remove_upload(Call&);
// charts.cpp
Result<Answer> create_chart(Call&);
Result<Answer> show_chart(Call&);
// kept_charts.cpp
Result<Answer> list_charts(Call&);
Result<Answer> remove_chart(Call&);
// recommendations.cpp
Result<Answer> recommend_charts(Call&);
// original_charts.cpp
Result<Answer> load_data(Call&);
Result<Answer> list_columns(Call&);
Result<Answer> plot_scatter(Call&);
Result<Answer> plot_bar(Call&);
Result<Answer> plot_density(Call&);
Result<Answer> plot_box(Call&);

}  // namespace cauce::api
