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
        $crate::__store_cases!(__store_tests, $open);
    };
}

/// All cases by noun. A unit test compares them with what stands in the files.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_cases {
    ($then:ident $(, $open:expr)?) => {
        $crate::$then! {
            $($open;)?
            accounts {
                the_first_account_is_super_admin
                only_the_first_account_ever_is_super_admin_among_200_at_once
                an_emptied_store_does_not_make_another_super_admin
                an_address_is_taken_once_whatever_its_case
                one_of_many_gets_an_address
                an_account_changes_part_by_part
                several_accounts_are_read_at_once
                a_removed_account_takes_its_sessions_memberships_and_keys_along
                a_reset_token_works_once
                an_old_reset_token_does_not_work
            }
            audit {
                an_empty_chain_ends_at_zero
                a_record_comes_back_as_it_was_linked
                concurrent_commits_do_not_fork_the_audit_chain
                each_workspace_and_the_instance_have_their_own_chain
                a_chain_is_read_on_from_any_place
                records_are_listed_by_actor_action_or_object
                the_chain_of_the_instance_is_listed
            }
            connections {
                a_credential_is_kept_as_it_was_made
                a_credential_may_have_empty_parts
                a_credential_is_replaced_but_for_its_kind
                a_credential_is_taken_away_once
                pages_of_credentials_follow_on_each_other
            }
            directory {
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
            }
            idempotency {
                a_remembered_answer_is_given_again
                an_answer_with_a_secret_is_remembered_without_it
                answers_are_told_apart_by_actor_action_and_key
                a_second_answer_under_the_same_key_undoes_its_act
                old_answers_are_forgotten
                the_instance_remembers_answers_of_its_own
            }
            journal {
            }
            keys {
                a_key_is_kept_as_it_was_made
                a_key_is_taken_away_once
                the_keys_of_a_person_go_with_him
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
                pages_of_invitations_follow_on_each_other
            }
            quotas {
                a_new_workspace_is_unlimited
                a_limit_is_set_replaced_and_lifted
                the_last_place_under_a_limit_is_given_once
            }
            runs {
            }
            sessions {
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
            walls {
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
