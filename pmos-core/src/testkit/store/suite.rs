/// Stamps one test per case of the conformance suite for stores.
///
/// The expression opens an empty store for each case, in an asynchronous context: the store behind an `Arc`, and
/// whatever must outlive it.
///
/// ```ignore
/// mod memory {
///     pmos_core::store_suite!((std::sync::Arc::new(MemoryStore::new()), ()));
/// }
/// ```
#[macro_export]
macro_rules! store_suite {
    ($open:expr) => {
        $crate::__store_tests! {
            $open;
            accounts {
                the_first_account_is_super_admin
                only_the_first_account_ever_is_super_admin_among_200_at_once
                an_emptied_store_does_not_make_another_super_admin
                an_address_is_taken_once_whatever_its_case
                one_of_many_gets_an_address
                an_account_changes_part_by_part
                several_accounts_are_read_at_once
                a_removed_account_takes_its_sessions_memberships_and_keys_along
                the_last_admin_of_a_workspace_is_not_removed
                admins_who_go_at_the_same_time_leave_one
                a_reset_token_works_once
                an_old_reset_token_does_not_work
            }
            approvals {
                a_request_for_approval_is_kept_letter_for_letter
                a_request_for_approval_changes_part_by_part
                of_many_who_decide_at_once_one_decides
                an_approved_call_is_executed_once
                only_an_approved_call_is_executed
                requests_for_approval_are_listed_and_counted
                requests_for_approval_are_due_until_they_have_ended
                requests_for_approval_that_ended_are_purged
                a_policy_changes_from_what_was_seen
                of_many_who_set_a_policy_at_once_one_sets_it
                a_grant_is_exact_and_expires
                grants_that_are_over_are_purged
                pages_of_grants_hold_those_that_have_not_expired
                approvals_belong_to_one_workspace
                a_deleted_workspace_takes_its_approvals_along
            }
            audit {
                an_empty_chain_ends_at_zero
                a_record_comes_back_as_it_was_linked
                concurrent_commits_do_not_fork_the_audit_chain
                each_workspace_and_the_instance_have_their_own_chain
                a_chain_is_read_on_from_any_place
                records_are_listed_by_actor_action_or_object
                records_are_listed_by_outcome_and_time
                the_chain_of_the_instance_is_listed
            }
            chat {
                a_conversation_is_kept_as_it_was_made
                pages_of_conversations_are_those_of_one_person
                a_turn_is_kept_as_it_was_made
                turns_of_a_conversation_are_taken_in_order
                a_turn_is_taken_by_one_of_many
                turns_of_other_processes_are_found
                who_lost_a_turn_cannot_write_to_it
                a_turn_stands_as_its_owner_said
                a_signal_wakes_a_turn_that_waits
                a_signal_before_a_turn_waits_is_not_lost
                a_turn_that_is_asked_to_stop_learns_it
                the_journal_of_a_conversation_is_dense
                pieces_of_texts_can_be_left_out
                appends_at_the_same_time_share_no_number
                nothing_is_appended_to_what_is_not_there
                tokens_are_counted_with_those_set_aside
                usage_is_read_between_two_times
                a_deleted_conversation_leaves_only_what_it_cost
                a_conversation_belongs_to_one_workspace
                a_deleted_workspace_takes_its_conversations_along
            }
            connections {
                a_credential_is_kept_as_it_was_made
                a_credential_may_have_empty_parts
                a_credential_is_replaced_but_for_its_kind
                a_credential_is_taken_away_once
                pages_of_credentials_follow_on_each_other
            }
            directory {
                a_person_finds_their_workspaces
                a_secret_finds_its_key
                a_service_key_has_no_owner
                a_webhook_address_finds_its_flow
                a_secret_finds_its_invitation
                runs_of_other_processes_are_found_the_oldest_first
                runs_of_an_engine_outside_are_left_to_it
                all_workspaces_are_gone_through
                all_tenancies_are_gone_through
            }
            engines {
                a_tenancy_is_kept_as_it_was_made
                a_tenancy_is_replaced
                a_tenancy_on_another_server_begins_without_objects
                tenancies_are_listed_by_engine
                an_object_is_claimed_and_found_by_both_ids
                an_object_claimed_again_is_brought_up_to_date
                an_object_has_one_of_our_ids
                an_id_may_come_to_stand_for_another_object
                nothing_is_claimed_without_a_tenancy
                an_object_belongs_to_one_workspace
                a_refused_claim_undoes_nothing
                one_of_many_workspaces_gets_an_object
                the_same_id_on_another_server_is_another_object
                objects_of_a_kind_are_listed_by_id
                a_released_object_may_be_claimed_by_another
                a_tenancy_given_up_takes_its_objects_along
            }
            events {
                events_are_numbered_densely_in_commit_order
                each_workspace_numbers_its_own_events
                events_committed_at_the_same_time_share_no_number
                the_log_is_read_on_from_any_number
                an_event_comes_back_as_it_was_given
                a_failed_commit_uses_up_no_number
            }
            flows {
                a_flow_is_kept_as_it_was_made
                a_document_is_kept_letter_for_letter
                a_document_of_200_kib_is_kept_whole
                a_flow_is_replaced_but_for_what_it_is_known_by
                a_flow_that_changed_meanwhile_is_not_overwritten
                a_deleted_flow_is_out_of_sight
                versions_outlive_their_flow
                a_version_is_not_replaced
                versions_are_listed_newest_first
                a_flow_is_not_added_twice
                edits_come_back_in_order
                edits_that_were_not_applied_stand_in_the_history_alone
                an_edit_is_found_in_the_history_of_its_flow
                a_revision_comes_from_one_list_of_edits
                pages_of_edits_follow_on_each_other
                a_page_goes_on_where_the_last_one_ended
                a_list_read_page_by_page_does_not_shift
                a_flow_is_listed_with_its_newest_run
                flows_are_filtered
                the_flows_that_use_a_credential_are_found
            }
            idempotency {
                a_remembered_answer_is_given_again
                an_answer_with_a_secret_is_remembered_without_it
                an_answer_is_remembered_with_the_begin_of_its_run
                answers_are_told_apart_by_actor_action_and_key
                a_second_answer_under_the_same_key_undoes_its_act
                old_answers_are_forgotten
                the_instance_remembers_answers_of_its_own
            }
            journal {
                journal_records_come_back_in_order
                a_journal_grows_batch_by_batch
                the_first_batch_may_begin_the_run
                a_batch_says_how_the_run_stands
                the_events_of_a_batch_stand_in_the_workspace_log
                a_place_in_a_journal_is_written_once
                a_refused_batch_spoils_no_other
                many_runs_write_at_the_same_time
                a_record_of_200_kib_is_kept_whole
                a_run_begun_by_an_act_goes_on_in_its_journal
            }
            keys {
                a_key_is_kept_as_it_was_made
                a_key_is_taken_away_once
                the_keys_of_a_person_go_with_them
                the_last_use_of_a_key_is_noted
                pages_of_keys_hold_all_or_those_of_one_person
                the_first_data_key_stays
                one_of_many_data_keys_is_kept
            }
            members {
                a_member_joins_once
                a_member_gets_another_role
                a_member_leaves_once
                members_are_counted_by_role
                the_last_admin_is_counted_under_a_lock
                pages_of_members_follow_on_each_other
                an_invitation_is_kept_as_it_was_made
                an_invitation_is_taken_away_once
                invitations_are_taken_away_by_giver_and_by_address
                pages_of_invitations_follow_on_each_other
            }
            models {
                a_provider_of_models_is_kept_as_it_was_put
                providers_of_models_are_listed_by_name
                one_provider_of_models_is_preferred
                a_provider_of_models_belongs_to_one_workspace
                a_deleted_workspace_takes_its_providers_of_models_along
            }
            quotas {
                a_new_workspace_is_unlimited
                a_limit_is_set_replaced_and_lifted
                the_last_place_under_a_limit_is_given_once
            }
            runs {
                a_run_is_kept_as_it_was_made
                a_run_is_added_once_to_a_flow_that_is_there
                a_run_is_settled_once
                a_run_of_an_engine_outside_is_absorbed
                a_run_that_ended_is_not_unfinished_again
                a_run_is_absorbed_into_a_flow_that_is_there
                unfinished_runs_of_an_engine_outside_are_listed
                pages_of_runs_follow_on_each_other
                runs_are_filtered
                runs_are_counted_since
                runs_are_counted_in_spans
                durations_are_those_of_the_newest_finished_runs
                the_flows_that_fail_most_come_first
                a_flow_that_succeeded_later_does_not_fail_any_more
                old_runs_are_purged_with_their_journals
                a_purged_run_is_no_object_of_its_engine
            }
            sessions {
                a_token_leads_to_its_session_and_account
                the_last_use_of_a_session_is_noted
                a_step_up_changes_the_token
                a_person_ends_only_their_own_sessions
                all_sessions_of_a_person_end_but_one
                pages_of_sessions_follow_on_each_other
                expired_sessions_are_purged
                a_period_of_acting_as_another_is_kept
            }
            units {
                a_dropped_unit_leaves_nothing_behind
                a_dropped_system_unit_leaves_nothing_behind
                a_unit_reads_what_it_wrote
                others_see_a_unit_when_it_is_committed
                a_unit_that_reads_cannot_write
                a_unit_that_only_read_may_be_committed
                writers_take_turns
                a_workspace_that_is_not_there_takes_nothing
                a_store_is_ready_and_has_a_name
            }
            waits {
                a_queued_run_is_due_until_it_is_taken
                a_run_is_taken_by_one_of_many
                who_lost_a_run_cannot_write_to_it
                who_works_on_a_run_that_was_ended_cannot_write_to_it
                a_run_that_waits_is_due_at_its_time
                a_run_may_wait_from_its_first_batch_on
                a_run_that_is_asked_to_stop_learns_it
                a_run_starts_others_in_the_same_commit
                the_end_of_a_run_wakes_the_one_that_started_it
                a_signal_that_comes_early_is_kept
                a_run_that_ends_stops_those_it_started
                a_slot_of_a_flow_is_taken_once
                a_flow_that_is_off_or_deleted_is_not_due
            }
            walls {
                a_flow_of_another_workspace_is_missing
                nothing_is_added_to_a_flow_of_another_workspace
                a_run_of_another_workspace_is_missing
                a_journal_does_not_reach_runs_of_another_workspace
                a_member_of_another_workspace_is_unknown_here
                an_invitation_into_another_workspace_is_missing
                a_key_of_another_workspace_is_missing
                a_credential_of_another_workspace_is_missing
                a_tenancy_of_another_workspace_is_missing
                each_workspace_has_its_own_data_key
                each_workspace_has_its_own_limits
                the_record_of_another_workspace_is_not_seen
                a_cursor_leads_into_no_other_workspace
            }
            workspaces {
                a_founded_workspace_has_its_settings_and_its_founder
                settings_change_but_id_and_founding_stay
                a_deleted_workspace_leaves_only_its_audit
                deleting_a_workspace_touches_no_other
                the_list_of_workspaces_counts_people_and_flows
                pages_of_workspaces_follow_on_each_other
                several_workspaces_are_read_at_once
                a_workspace_is_not_founded_twice
                a_workspace_of_the_host_gets_its_place_once
                a_workspace_of_the_host_that_comes_back_goes_on_with_its_audit
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __store_tests {
    ($open:expr; $($noun:ident { $($case:ident)* })*) => {$(
        mod $noun {
            #[allow(unused_imports, reason = "what opens the store may be written out in full")]
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let (store, _outlives) = $open;
                    $crate::testkit::store::$noun::$case(store).await;
                }
            )*
        }
    )*};
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    #[test]
    fn every_case_that_is_written_is_stamped() {
        let mut written = BTreeSet::new();
        for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testkit/store")).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            let cases = text.lines().filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next());
            written.extend(cases.map(str::to_owned));
        }
        let name = |line: &&str| line.contains('_') && line.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let stamped = include_str!("suite.rs").lines().map(str::trim).filter(name);
        assert_eq!(stamped.map(str::to_owned).collect::<BTreeSet<_>>(), written);
    }
}
