// What a foreign company's token is tried with, and the tests of single routes that do not stand in
// foreign_company_test.cpp.
#pragma once

#include "api/installation_test.h"

namespace cauce::api {

constexpr const char* stranger = "rival-owner";

Reply strange(Installation& world, const std::string& method, const std::string& path,
              const Asked& asked = {});

// Neither without a company nor by naming acme; and naming acme says no more than naming a company
// that does not exist.
void sees_no_list(Installation& world, const std::string& path);

// The object answers as one that does not exist, whether or not acme is named.
void sees_no_object(Installation& world, const std::string& method, const std::string& path,
                    const std::string& missing_path, const std::string& body = {});

void list_data_sets_test(Installation& world);
void create_data_set_test(Installation& world);
void show_data_set_test(Installation& world);
void change_data_set_test(Installation& world);
void remove_data_set_test(Installation& world);
void create_version_test(Installation& world);
void begin_upload_test(Installation& world);
void show_upload_test(Installation& world);
void continue_upload_test(Installation& world);
void remove_upload_test(Installation& world);
void create_chart_test(Installation& world);
void show_chart_test(Installation& world);
void list_charts_test(Installation& world);
void remove_chart_test(Installation& world);
void recommend_charts_test(Installation& world);
void load_data_test(Installation& world);
void list_columns_test(Installation& world);
void plot_scatter_test(Installation& world);
void plot_bar_test(Installation& world);
void plot_density_test(Installation& world);
void plot_box_test(Installation& world);

}  // namespace cauce::api
